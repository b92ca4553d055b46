// How often a view becomes a cart and a cart a purchase, so that the whole log has RetailRocket's proportions: 2.5 %
// carts, 0.8 % purchases. A cart needs a row after the view, and how many views have one depends on the sessions'
// lengths.

/// The two chances, fitted to the lengths of a log's sessions.
struct SampleConversion {
    private static let cartShare = 0.0251
    private static let purchaseShare = 0.0081
    private static let roundsMax = 30
    /// Above this a log is nothing but carts; logs of one-row sessions cannot reach the proportions, and need not.
    private static let chanceMax = 0.9

    /// The chance that a view with a row after it is followed by the cart.
    private(set) var cart = 0.05
    /// The chance that a cart with a row after it is followed by the purchase.
    private(set) var purchase = 0.4

    /// Fits by repeated correction: the expected shares are nearly proportional to the chances, so few rounds suffice.
    init(sessionsByLength: [Int]) {
        let rows = sessionsByLength.enumerated().reduce(0.0) { $0 + Double($1.offset) * Double($1.element) }
        for _ in 0..<Self.roundsMax {
            let expected = expectedCounts(sessionsByLength)
            guard expected.carts > 0 else { return }
            cart = min(cart * Self.cartShare * rows / expected.carts, Self.chanceMax)
            guard expected.purchases > 0 else { continue }
            purchase = min(purchase * Self.purchaseShare * rows / expected.purchases, Self.chanceMax)
        }
    }

    /// Walks all sessions at once: at each row, how many are expected to be views, carts and purchases.
    private func expectedCounts(_ sessionsByLength: [Int]) -> (carts: Double, purchases: Double) {
        var carts = 0.0
        var purchases = 0.0
        var cartsByRow = 0.0
        var viewsByRow = 1.0
        var reaching = sessionsByLength.reduce(0, +)
        for length in 1..<sessionsByLength.count {
            reaching -= sessionsByLength[length - 1]
            let purchasesByRow = length == 1 ? 0 : cartsByRow * purchase
            if length > 1 {
                cartsByRow = viewsByRow * cart
                viewsByRow = 1 - cartsByRow - purchasesByRow
            }
            carts += Double(reaching) * cartsByRow
            purchases += Double(reaching) * purchasesByRow
        }
        return (carts, purchases)
    }
}
