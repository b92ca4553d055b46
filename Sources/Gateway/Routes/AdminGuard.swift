// Who may change things: whoever knows the administrator's token.

import HTTPTypes
import Hummingbird
import WebService

/// Checks the bearer token of administrative requests.
struct AdminGuard: Sendable {
    private let token: [UInt8]?

    /// - Parameter token: the administrator's token; nil closes the routes for everybody.
    init(token: String?) { self.token = token.map { Array($0.utf8) } }

    /// Lets the request pass.
    /// - Throws: ``Problem`` 403 if there is no token to know, 401 if the request has none, or another one.
    func check(_ request: Request) throws(Problem) {
        guard let token else {
            throw .forbidden("administration is switched off; set ADMIN_TOKEN and start the gateway again")
        }
        guard let given = request.headers[.authorization] else {
            throw .unauthorized("this route needs the header Authorization: Bearer <ADMIN_TOKEN>")
        }
        let prefix = "Bearer "
        guard given.hasPrefix(prefix), Self.isEqual(Array(given.utf8.dropFirst(prefix.utf8.count)), token) else {
            throw .unauthorized("the bearer token is not ADMIN_TOKEN")
        }
    }

    /// Compares every byte whatever came before, so that the time taken tells nothing about the token but its length.
    private static func isEqual(_ given: [UInt8], _ token: [UInt8]) -> Bool {
        guard given.count == token.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(given, token) { difference |= left ^ right }
        return difference == 0
    }
}
