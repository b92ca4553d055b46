// The innermost layer around every route: whatever a route throws leaves it as a Problem.

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Turns errors into problem responses, before Hummingbird turns them into answers of its own.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = ServiceContext

    @concurrent
    func handle(
        _ request: Request, context: ServiceContext,
        next: @concurrent (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response
        } catch let error as HTTPParserError {
            // The stream of bytes is not HTTP any more; the server answers 400 and closes.
            throw error
        } catch {
            return problem(for: error, context: context).response
        }
    }

    private func problem(for error: any Error, context: ServiceContext) -> Problem {
        switch error {
        case let error as HTTPError:
            return Problem(error.status, error.body ?? error.status.reasonPhrase, headers: error.headers)
        case is NIOTooManyBytesError:
            return .payloadTooLarge(bytesMax: context.bodyBytesMax)
        case is CancellationError:
            return .serviceUnavailable("the service is stopping; send the request again", retryAfterSeconds: 1)
        case let error as any HTTPResponseError:
            return Problem(error.status, error.status.reasonPhrase)
        default:
            // What went wrong inside is for the log; the client gets the id to ask about.
            let route = context.endpointPath ?? ""
            context.logger.error("a request failed", metadata: ["error": "\(error)", "route": "\(route)"])
            let detail =
                "the request failed inside the service; its log has the reason under request id \(context.requestID)"
            return Problem(.internalServerError, detail)
        }
    }
}
