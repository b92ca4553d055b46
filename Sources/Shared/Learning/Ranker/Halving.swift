// What an age leaves of a weight.

import Glibc

/// Exponential decay by halves.
enum Halving {
    /// 2^-x.
    static func factor(_ halves: Float) -> Float { exp2(-halves) }
}
