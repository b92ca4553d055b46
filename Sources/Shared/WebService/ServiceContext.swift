// What accompanies a request through the routes, and the reading of path parameters, which come percent-encoded.

package import Hummingbird
import NIOCore

/// The context of one request to any of the services.
package struct ServiceContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The id under which the request is logged, and which the response carries.
    package var requestID = ""
    /// The largest body that is read, in bytes.
    package var bodyBytesMax = ServiceLimits.standard.bodyBytesMax

    /// Where the request's time goes; nil if nobody wants to know.
    package var trace: RequestTrace?

    /// The connection that the request came on.
    let channel: any Channel

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// What Hummingbird's own decoding goes by.
    package var maxUploadSize: Int { bodyBytesMax }

    /// A path parameter, percent-decoded.
    /// - Parameter name: the name between braces in the route.
    /// - Throws: ``Problem`` if the path holds a broken percent sequence.
    package func pathParameter(_ name: String) throws(Problem) -> String {
        guard let raw = parameters[name[...]] else {
            throw .badRequest("the path has no \(name)")
        }
        guard let text = PercentDecoding.decode(raw.utf8, plusIsSpace: false) else {
            throw .invalid(name, "is not percent-encoded UTF-8")
        }
        return text
    }
}
