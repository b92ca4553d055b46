// Chance, made from a seed. Only integer arithmetic and the four exact floating-point operations are used: logarithms
// and powers differ between C libraries in the last bit, and a bit is enough to change every byte that follows.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
struct SampleRandom {
    /// What a stream of numbers is for: each purpose has its own, so that a change in one leaves the others' bytes
    /// alone.
    enum Purpose: UInt64 {
        case catalogue = 1
        case user, session, taste, properties
    }

    private var state: UInt64

    /// The stream of one user, session or item.
    init(seed: UInt64, _ purpose: Purpose, _ first: Int = 0, _ second: Int = 0) {
        state = Self.mix(seed &+ purpose.rawValue &* 0x9E37_79B9_7F4A_7C15)
        state = Self.mix(state ^ UInt64(first) &* 0xD1B5_4A32_D192_ED03)
        state = Self.mix(state ^ UInt64(second) &* 0x8CB9_2BA7_2F3D_8DD7)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A whole number from 0 up to and without `bound` (Lemire's multiplication; the bias is below 2^-32 here).
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number from 0 up to and without 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Whether something of this probability happens.
    mutating func chance(_ probability: Double) -> Bool { unit() < probability }

    /// A length of time between `shortest` and `shortest` times 2^`doublings`, every order of magnitude being as likely
    /// as the next: how the pauses in people's clicking spread.
    mutating func pause(shortest: Double, doublings: Int) -> Double {
        let scale = Double(1 << below(doublings))
        return shortest * scale * (1 + unit())
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Places with weights, to be drawn from.
struct WeightedPlaces {
    private let cumulative: [Double]

    init(weights: some Sequence<Double>) {
        var sum = 0.0
        cumulative = weights.map { weight in
            sum += weight
            return sum
        }
    }

    /// A place within `range`, which is not empty, in proportion to the weights there.
    func draw(in range: Range<Int>, _ random: inout SampleRandom) -> Int {
        let before = range.lowerBound == 0 ? 0 : cumulative[range.lowerBound - 1]
        let target = before + random.unit() * (cumulative[range.upperBound - 1] - before)
        var low = range.lowerBound
        var high = range.upperBound - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Popularity by rank: the Zipf-Mandelbrot law, weight (rank + shift)^-1.25. The shift flattens the head: the best
/// item of a large shop has 0.1 % of the views, as at RetailRocket.
enum PopularityLaw {
    static func weights(count: Int) -> some Sequence<Double> {
        let shift = 8 + Double(count) / 1_200
        return (0..<count).lazy.map { rank in
            let place = Double(rank) + shift
            return 1 / (place * place.squareRoot().squareRoot())
        }
    }
}
