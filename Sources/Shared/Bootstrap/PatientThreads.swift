// XGBoost's threads (OpenMP's, libgomp) wait for one another by spinning. Where anything else wants the cores - the gateway in
// the same process, a build beside it - the spinning takes them from whom the waiting is for: an evaluation took 112 s
// instead of 21 s beside a compiler. libgomp reads how to wait when it is loaded, before any code of ours runs, so the process
// starts itself once more with the right word in its environment.

import Glibc

/// Makes OpenMP's threads sleep while they wait.
package enum PatientThreads {
    private static let policy = "OMP_WAIT_POLICY"
    private static let spinCount = "GOMP_SPINCOUNT"

    /// Replaces this process by itself, same id, same arguments, unless the environment says already how threads wait; whoever
    /// sets OMP_WAIT_POLICY decides. Returns only then, or if it cannot be done, which costs nothing but time.
    package static func ensure() {
        guard getenv(policy) == nil else { return }
        setenv(policy, "passive", 1)
        setenv(spinCount, "0", 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        // By its own name: one that was started through the link would be called "exe" in every list of processes.
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        if readlink("/proc/self/exe", &path, path.count - 1) > 0 { execv(path, arguments) }
        // Still here: it was refused. Go on as we are.
        for argument in arguments { free(argument) }
    }
}
