// Runs tasks on an event loop. The runtime's own threads are others than the event loops', so a request that asks Redis
// would change threads four times, and each change may wait for a thread to wake up.

import NIOCore

/// Where the tasks of one connection run: on the connection's event loop. They share it with the loop's other connections,
/// so nothing that blocks may run there; a long computation belongs on a thread of its own.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Never at once, even on the loop's own thread: who resumes a task may be in the middle of something.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
