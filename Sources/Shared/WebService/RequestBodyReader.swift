// Request bodies: their announced type is checked, their size is bounded, and what is not JSON is answered with the
// place where it stops being JSON.

import FoundationEssentials
import HTTPTypes
package import Hummingbird
package import NIOCore

/// The forms in which bodies are read.
package enum BodyForm: Sendable {
    /// One JSON value.
    case json
    /// One JSON value a line.
    case ndjson
}

extension Request {
    /// The form that the request announces.
    /// - Throws: ``Problem`` 415 if there is no `Content-Type`, or another one.
    package func bodyForm() throws(Problem) -> BodyForm {
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw .unsupportedMediaType("the body is \(encoding.prefix(40))-encoded; send it as it is")
        }
        guard let type = headers[.contentType] else {
            throw .unsupportedMediaType("there is no Content-Type; send application/json")
        }
        let essence = type.prefix { $0 != ";" }.lowercased()
        switch essence.split(separator: " ").first ?? "" {
        case "application/json": return .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl": return .ndjson
        default:
            throw .unsupportedMediaType(
                "the Content-Type is \(type.prefix(80)); send application/json or application/x-ndjson")
        }
    }

    /// The whole body. If the connection ends within it, the error is thrown on and nobody is left to answer.
    /// - Throws: ``Problem`` 413 if it is larger than the service takes.
    package func wholeBody(_ context: ServiceContext) async throws -> ByteBuffer {
        do {
            return try await body.collect(upTo: context.bodyBytesMax)
        } catch is NIOTooManyBytesError {
            throw Problem.payloadTooLarge(bytesMax: context.bodyBytesMax)
        }
    }

    /// The body, which must be one JSON value of the given type.
    /// - Throws: ``Problem`` 415, 413, or 400 with the field at fault.
    package func json<Value: Decodable>(_ type: Value.Type, _ context: ServiceContext) async throws -> Value {
        guard try bodyForm() == .json else {
            throw Problem.unsupportedMediaType("this route takes one JSON value; send application/json")
        }
        let buffer = try await wholeBody(context)
        return try JSONReader.decode(type, from: buffer.readableBytesView)
    }
}

/// Reads JSON that came from outside.
package enum JSONReader {
    /// The value of the given type.
    /// - Throws: ``Problem`` 400 that says where the input is not JSON, or which field does not fit.
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: some Collection<UInt8>
    ) throws(Problem) -> Value {
        guard !bytes.isEmpty else { throw .badRequest("the body is empty; JSON is expected") }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw problem(for: error, bytes)
        } catch {
            throw .badRequest("the body is not JSON")
        }
    }

    private static func problem(for error: DecodingError, _ bytes: some Collection<UInt8>) -> Problem {
        switch error {
        case .keyNotFound(let key, let context):
            return .invalid(path(context.codingPath + [key]), "is missing")
        case .valueNotFound(_, let context):
            return .invalid(path(context.codingPath), "must not be null")
        case .typeMismatch(let type, let context):
            return .invalid(path(context.codingPath), "must be \(name(of: type))")
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            return .badRequest(
                "the body is not JSON: \(JSONFault.first(in: bytes)?.description ?? context.debugDescription)")
        case .dataCorrupted(let context):
            return .invalid(path(context.codingPath), context.debugDescription)
        @unknown default:
            return .badRequest("the body does not have the form that this route reads")
        }
    }

    private static func path(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "the body" : path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "a boolean"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is any Sequence.Type: "\(type)".hasPrefix("Dictionary") ? "an object" : "an array"
        default: "an object"
        }
    }
}
