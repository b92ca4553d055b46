// freshet-training-bench: generates interactions and factorizes them, for comparison with others who read the same file.
//   freshet-training-bench generate FILE
//   freshet-training-bench factorize FILE FACTORS ITERATIONS
// Prints one line "name value" for each figure; scripts/bench-training compares.

import Learning
import Synchronization

@main
struct FreshetTrainingBench {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "generate" where arguments.count == 2:
            let matrix = GeneratedInteractions().matrix()
            try MatrixFile.write(matrix, to: arguments[1])
            let single = (0..<matrix.rowCount).count { matrix.cells(ofRow: $0).count == 1 }
            print(
                "users \(matrix.rowCount)\nitems \(matrix.columnCount)\ncells \(matrix.count)\nusers-of-one \(single)")
        case "factorize" where arguments.count == 4:
            guard let factors = Int(arguments[2]), let iterations = Int(arguments[3]) else { fallthrough }
            try factorize(try MatrixFile.read(arguments[1]), factors: factors, iterations: iterations)
        default:
            print("usage: freshet-training-bench generate FILE | factorize FILE FACTORS ITERATIONS")
        }
    }

    private static func factorize(_ matrix: SparseMatrix, factors: Int, iterations: Int) throws {
        var parameters = AlternatingLeastSquares.Parameters()
        parameters.factors = factors
        parameters.iterations = iterations
        parameters.alpha = 10
        let clock = ContinuousClock()
        let ends = Mutex<[ContinuousClock.Instant]>([])
        let start = clock.now
        let control = StepControl(report: { _ in ends.withLock { $0.append(clock.now) } })
        let model = try AlternatingLeastSquares(parameters).factorize(matrix, control: control)
        let total = seconds(clock.now - start)
        // Each iteration reports its half and its end; the first also holds what is prepared once.
        let times = ends.withLock { ends in stride(from: 1, to: ends.count, by: 2).map { ends[$0] } }
        let iterationTimes = zip(times, times.dropFirst()).map { seconds($1 - $0) }.sorted()
        print("seconds-per-iteration \(iterationTimes.isEmpty ? total : iterationTimes[0])")
        print("seconds-in-all \(total)")
        print("loss \(try model.loss(on: matrix))")
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
