// A subscription that heals itself. There is no task behind it: the reader's own calls of `next` connect, wait and
// reconnect, so it ends with its reader and nothing is read ahead of one connection's bounded buffer.

package import NIOCore
import ServiceLifecycle
import Synchronization

/// Messages of some channels, with news of the connection. Pub/sub forgets what is published while nobody listens: at
/// every `.connected`, read the key that holds the truth.
package struct RedisSubscription: AsyncSequence, Sendable {
    /// What a subscription tells.
    package enum Event: Sendable {
        /// All channels are subscribed; messages from now on are seen.
        case connected
        case message(channel: String, payload: ByteBuffer)
        /// The connection is gone, or could not be made; the next call connects again after a pause.
        case disconnected(RedisError)
    }

    let client: RedisClient
    let channels: [String]

    package func makeAsyncIterator() -> Iterator { Iterator(client: client, channels: channels) }

    /// Ends with nil when the task is cancelled, the process shuts down gracefully, or the client does.
    package struct Iterator: AsyncIteratorProtocol {
        private let session: SubscriptionSession

        init(client: RedisClient, channels: [String]) {
            session = SubscriptionSession(client: client, channels: channels)
        }

        package mutating func next() async -> Event? {
            let control = session.control
            return await withGracefulShutdownHandler {
                await session.next()
            } onGracefulShutdown: {
                control.stop()
            }
        }
    }
}
