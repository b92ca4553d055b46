// What an error says about trying again.

import Testing

@testable import Redis

struct RedisErrorTests {
    @Test(arguments: [
        ("LOADING Redis is loading the dataset in memory", RedisError.Code.loading, true),
        ("READONLY You can't write against a read only replica.", .readOnly, true),
        ("MOVED 3999 127.0.0.1:6381", .moved, false), ("ASK 3999 127.0.0.1:6381", .ask, false),
        ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory, true),
        ("NOAUTH Authentication required.", .notAuthenticated, false),
        ("WRONGPASS invalid username-password pair or user is disabled.", .wrongPassword, false),
        ("NOPERM this user has no permissions to run the 'get' command", .noPermission, false),
        ("BUSYGROUP Consumer Group name already exists", .busyGroup, false),
        ("NOGROUP No such key 's' or consumer group 'g'", .noGroup, false),
        ("ERR Function not found", .functionNotFound, true), ("NOSCRIPT No matching script.", .noScript, true),
        ("WRONGTYPE Operation against a key", .wrongType, false), ("BUSY Redis is busy", .busy, true),
        ("MASTERDOWN Link with MASTER is down", .masterDown, true),
        ("CLUSTERDOWN The cluster is down", .clusterDown, true),
        ("TRYAGAIN Multiple keys request", .tryAgain, true), ("ERR syntax error", .serverRefused, false),
        ("LOADINGX", .serverRefused, false), ("", .serverRefused, false),
    ])
    func `a server's error is known by its first word`(text: String, code: RedisError.Code, isRetriable: Bool) {
        let error = RedisError(serverMessage: text, commandName: "GET", isIdempotent: true)
        #expect(error.code == code)
        #expect(error.isRetriable == isRetriable)
        #expect(error.wasPossiblyExecuted == false)
    }

    @Test func `a lost command may be repeated if it never left or may be done twice`() {
        let lost = RedisError(.connectionLost, "gone")
        #expect(lost.forCommand("INCR", isIdempotent: false).isRetriable)
        #expect(lost.afterSending().forCommand("GET", isIdempotent: true).isRetriable)
        #expect(!lost.afterSending().forCommand("INCR", isIdempotent: false).isRetriable)
        #expect(lost.afterSending().forCommand("INCR", isIdempotent: false).wasPossiblyExecuted)
        #expect(!RedisError(.cancelled, "").forCommand("GET", isIdempotent: true).isRetriable)
    }

    @Test func `the description names command, message and code`() {
        let error = RedisError(.serverRefused, "ERR no", commandName: "GET", cause: RedisError(.cancelled, "below"))
        #expect("\(error)" == "Redis GET: ERR no [serverRefused] (Redis: below [cancelled])")
    }
}
