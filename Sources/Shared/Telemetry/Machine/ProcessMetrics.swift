// What this process uses, under the names that Prometheus's own client libraries use.

import Glibc

/// The process's figures, out of /proc.
enum ProcessMetrics {
    private static let cpu = MetricDefinition.counter(
        "process_cpu_seconds_total", "Processor time that the process has used, its own and the kernel's for it.")
    private static let resident = MetricDefinition.gauge(
        "process_resident_memory_bytes", "Memory of the process that is in RAM.")
    private static let virtual = MetricDefinition.gauge("process_virtual_memory_bytes", "Address space of the process.")
    private static let started = MetricDefinition.gauge(
        "process_start_time_seconds", "When the process started, Unix time.")
    private static let descriptors = MetricDefinition.gauge("process_open_fds", "Open file descriptors.")
    private static let descriptorsMax = MetricDefinition.gauge(
        "process_max_fds", "How many file descriptors the process may have.")
    private static let threads = MetricDefinition.gauge("process_threads", "Threads of the process.")

    @Sendable static func collect() async -> [MetricSample] {
        guard let stat = ProcFile.text("/proc/self/stat"), let figures = Figures(stat) else { return [] }
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        var samples = [
            MetricSample(cpu, figures.cpuTicks / ticksPerSecond),
            MetricSample(resident, figures.residentPages * Double(sysconf(Int32(_SC_PAGESIZE)))),
            MetricSample(virtual, figures.virtualBytes),
            MetricSample(threads, figures.threads),
        ]
        if let boot = ProcFile.text("/proc/stat").flatMap({ ProcFile.number("btime ", in: $0) }) {
            samples.append(MetricSample(started, boot + figures.startTicks / ticksPerSecond))
        }
        if let count = ProcFile.entryCount("/proc/self/fd") { samples.append(MetricSample(descriptors, count)) }
        let most = sysconf(Int32(_SC_OPEN_MAX))
        if most > 0 { samples.append(MetricSample(descriptorsMax, most)) }
        return samples
    }

    /// The fields of /proc/self/stat that are of interest.
    struct Figures {
        let cpuTicks: Double
        let threads: Double
        let startTicks: Double
        let virtualBytes: Double
        let residentPages: Double

        /// Counts the fields from behind the program's name, which may hold blanks and parentheses of its own.
        init?(_ stat: String) {
            guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
            let fields = stat[stat.index(after: nameEnd)...].split(separator: " ").map { Double($0) ?? 0 }
            guard fields.count > 21 else { return nil }
            cpuTicks = fields[11] + fields[12]
            threads = fields[17]
            startTicks = fields[19]
            virtualBytes = fields[20]
            residentPages = fields[21]
        }
    }
}
