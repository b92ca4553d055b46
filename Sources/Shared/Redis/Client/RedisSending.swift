// Sending typed commands, alone or together. Generic code is only at the two ends, where commands are written and
// replies are read; everything between works on an `EncodedPipeline`.

/// The reply to one command of a pipeline, or why there is none.
package typealias RedisReply = Result<RESPValue, RedisError>

/// What commands can be sent through: the client, or one connection.
package protocol RedisSending: Sendable {
    /// Sends the commands together and answers with one reply for each, in order. Never throws: each command fails by
    /// itself. `deadlineMs` bounds the whole, retries included; nil takes the configured default.
    func execute(_ pipeline: EncodedPipeline, deadlineMs: Int?) async -> [RedisReply]
}

extension RedisSending {
    /// Sends one command.
    package func send<Command: RedisCommand>(
        _ command: Command, deadlineMs: Int? = nil
    ) async throws(RedisError) -> Command.Response {
        var replies = ReplyCursor(await execute(EncodedPipeline(command), deadlineMs: deadlineMs))
        return try replies.next(for: command).get()
    }

    /// Sends commands of different types in one write and answers with all responses, or throws the first error: the
    /// commands behind the failed one were sent all the same.
    package func pipeline<each Command: RedisCommand>(
        _ commands: repeat each Command, deadlineMs: Int? = nil
    ) async throws(RedisError) -> (repeat (each Command).Response) {
        var builder = EncodedPipeline.Builder(commandCount: packCount(repeat each commands))
        repeat builder.append(each commands)
        var replies = ReplyCursor(await execute(builder.finish(), deadlineMs: deadlineMs))
        return (repeat try replies.next(for: each commands).get())
    }

    /// Sends commands of different types in one write and answers with each one's response or error.
    package func pipelineResults<each Command: RedisCommand>(
        _ commands: repeat each Command, deadlineMs: Int? = nil
    ) async -> (repeat Result<(each Command).Response, RedisError>) {
        var builder = EncodedPipeline.Builder(commandCount: packCount(repeat each commands))
        repeat builder.append(each commands)
        var replies = ReplyCursor(await execute(builder.finish(), deadlineMs: deadlineMs))
        return (repeat replies.next(for: each commands))
    }

    /// HGETALL and GET in one write. A recommendation is exactly this read; written out, it is compiled without the
    /// type descriptions that a pipeline of any commands makes at run time.
    package func readHashAndString(
        hash: String, string: String, deadlineMs: Int? = nil
    ) async -> (hash: Result<HGETALL.Response, RedisError>, string: Result<GET.Response, RedisError>) {
        let (hash, string) = (HGETALL(hash), GET(string))
        var builder = EncodedPipeline.Builder(commandCount: 2)
        builder.append(hash)
        builder.append(string)
        var replies = ReplyCursor(await execute(builder.finish(), deadlineMs: deadlineMs))
        return (replies.next(for: hash), replies.next(for: string))
    }

    /// Sends commands of one type in one write and answers with all responses, or throws the first error: the commands
    /// behind the failed one were sent all the same.
    package func pipeline<Command: RedisCommand>(
        _ commands: [Command], deadlineMs: Int? = nil
    ) async throws(RedisError) -> [Command.Response] {
        var responses: [Command.Response] = []
        responses.reserveCapacity(commands.count)
        for result in await pipelineResults(commands, deadlineMs: deadlineMs) { responses.append(try result.get()) }
        return responses
    }

    /// Sends commands of one type in one write and answers with each one's response or error.
    package func pipelineResults<Command: RedisCommand>(
        _ commands: [Command], deadlineMs: Int? = nil
    ) async -> [Result<Command.Response, RedisError>] {
        guard !commands.isEmpty else { return [] }
        var builder = EncodedPipeline.Builder(commandCount: commands.count)
        for command in commands { builder.append(command) }
        var replies = ReplyCursor(await execute(builder.finish(), deadlineMs: deadlineMs))
        return commands.map { replies.next(for: $0) }
    }
}

/// Hands out the replies of a pipeline one after the other, decoded.
private struct ReplyCursor {
    private let replies: [RedisReply]
    private var index = 0

    init(_ replies: [RedisReply]) {
        self.replies = replies
    }

    mutating func next<Command: RedisCommand>(for command: Command) -> Result<Command.Response, RedisError> {
        guard index < replies.count else {
            return .failure(RedisError(.unexpectedReply, "no reply was recorded", commandName: command.name))
        }
        defer { index += 1 }
        do throws(RedisError) {
            let reply = try replies[index].get()
            if case .error(let message) = reply {
                throw RedisError(serverMessage: message, commandName: nil, isIdempotent: command.isIdempotent)
            }
            return .success(try command.decode(reply))
        } catch {
            return .failure(error.forCommand(command.name, isIdempotent: command.isIdempotent))
        }
    }
}

private func packCount<each Element>(_ elements: repeat each Element) -> Int {
    var count = 0
    for _ in repeat each elements { count += 1 }
    return count
}
