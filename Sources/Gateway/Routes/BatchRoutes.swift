// POST /v1/recommendations/batch: recommendations for many users, all from one generation.

import Hummingbird
import Models
import WebService

/// Recommendations for many users at once.
struct BatchRoutes: Sendable {
    private static let known = ["user_ids"] + AnswerOptions.names

    let recommender: Recommender
    let live: LiveGeneration
    let defaults: BlendDefaults

    /// Adds the route.
    func add(to router: Router<ServiceContext>) {
        router.post("/v1/recommendations/batch") { request, context in
            let body = try await BodyReader(request, context, known: Self.known)
            let options = try AnswerOptions(body, defaults: defaults)
            let users = try users(body.texts("user_ids", countMax: RequestLimits.usersMax))
            let generation = try live.required()
            return Self.response(try await answers(users, options, generation, context.trace), generation)
        }
    }

    private func users(_ texts: [String]) throws(Problem) -> [UserID] {
        guard !texts.isEmpty else {
            throw .invalid("user_ids", "must name 1 to \(RequestLimits.usersMax) users")
        }
        var users: [UserID] = []
        for text in texts {
            guard let user = UserID(text) else {
                let reason = "must be \(IdentifierRule.description)"
                throw .badRequest(
                    "user_ids.\(users.count) \(reason)",
                    errors: [Problem.FieldError(field: "user_ids", reason: reason, index: users.count)])
            }
            users.append(user)
        }
        return users
    }

    /// One answer for each user, in their order, some at a time: a batch must not crowd out single requests.
    private func answers(
        _ users: [UserID], _ options: AnswerOptions, _ generation: GenerationSnapshot, _ trace: RequestTrace?
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: (index: Int, answer: Answer).self) { group in
            var next = 0
            var answers = [Answer?](repeating: nil, count: users.count)
            func addNext() {
                guard next < users.count else { return }
                let index = next
                next += 1
                group.addTask {
                    let answer = try await recommender.answer(
                        for: users[index], options, from: generation, trace: trace)
                    return (index, answer)
                }
            }
            for _ in 0..<RequestLimits.batchConcurrency { addNext() }
            while let (index, answer) = try await group.next() {
                answers[index] = answer
                addNext()
            }
            return answers.compactMap(\.self)
        }
    }

    private static func response(_ answers: [Answer], _ generation: GenerationSnapshot) -> Response {
        var writer = JSONWriter(capacity: 64 + answers.reduce(0) { $0 + 256 + $1.places.count * 64 })
        writer.object { writer in
            writer.field("generation", generation.generation)
            writer.key("results")
            writer.array { writer in
                for answer in answers { answer.write(to: &writer) }
            }
        }
        var response = Response.json(writer)
        response.headers.append(generation.header)
        return response
    }
}
