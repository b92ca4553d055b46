// What candidates, features and the ranker depend on.

/// The settings of ranked offline lists. The defaults were chosen on purchases of Complete Journey before the part that
/// is held out, see Benchmarks/quality.
package struct RankerParameters: Codable, Hashable, Sendable {
    /// Candidates that each source gives a user.
    package var candidatesMax = 150
    /// The age that halves what a touch says to the autoencoder, in milliseconds.
    package var halvingMs = 120.0 * 86_400_000
    /// Factors from all interactions alike.
    package var factorization = AlternatingLeastSquares.Parameters()
    /// The autoencoder over the most active items; its memory goes with the square of their number.
    package var autoencoder = ClosedFormAutoencoder.Parameters()
    /// Similar items as a source of candidates.
    package var similar = SimilarItems.Parameters()
    /// The trees.
    package var boosting = BoostingParameters()
    /// Past periods that the ranker learns from. Sources are computed anew from what came before each.
    package var periods = 3
    /// The length of a period, as a share of the time that interactions span.
    package var periodShare = 1.0 / 9
    /// Candidates that the ranker learns from at most, from all periods together: 140 bytes each.
    package var rowsMax = 2_400_000
    /// Whether what a user touched before may be recommended again, as where things are bought again and again.
    package var recommendsTouched = false
    /// With fewer hits among the candidates nothing is learned.
    package var hitsMin = 200

    package init() {
        factorization.alpha = 1
        autoencoder.modelBytesMax = 256 << 20
        similar.itemsMax = 50
        boosting.rounds = 500
        boosting.learningRate = 0.03
    }
}
