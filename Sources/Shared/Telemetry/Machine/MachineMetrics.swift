// How busy and how full the machine is: for those who have no exporter of their own for that.

import Glibc

/// The machine's figures, out of /proc.
enum MachineMetrics {
    private static let cpu = MetricDefinition.counter(
        "freshet_machine_cpu_seconds_total", "Processor time of the machine, all cores together, by what it went to.")
    private static let memory = MetricDefinition.gauge(
        "freshet_machine_memory_bytes", "The machine's memory: in all, and what programs could still have.")
    /// The order of the kernel's columns. Time of guests is in the first two already.
    private static let modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]

    @Sendable static func collect() async -> [MetricSample] {
        var samples: [MetricSample] = []
        if let stat = ProcFile.text("/proc/stat") {
            let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
            samples += cpuTicks(stat).map { MetricSample(cpu, $0.ticks / ticksPerSecond, ["mode": $0.mode]) }
        }
        if let info = ProcFile.text("/proc/meminfo") {
            for (state, name) in [("total", "MemTotal:"), ("available", "MemAvailable:")] {
                guard let kilobytes = ProcFile.number(name, in: info) else { continue }
                samples.append(MetricSample(memory, kilobytes * 1024, ["state": state]))
            }
        }
        return samples
    }

    /// Ticks by mode, from the line of all cores.
    static func cpuTicks(_ stat: String) -> [(mode: String, ticks: Double)] {
        guard let line = stat.split(separator: "\n").first(where: { $0.hasPrefix("cpu ") }) else { return [] }
        let ticks = line.split(separator: " ").dropFirst().map { Double($0) ?? 0 }
        return zip(modes, ticks).map { ($0, $1) }
    }
}
