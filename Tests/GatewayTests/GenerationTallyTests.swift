// Which answers count for which generation, seen only from sign of life to sign of life.

import Stores
import Testing

@testable import Gateway

@Suite struct `A generation's tally` {
    @Test func `grows while a generation is live, and answers of the moment of a switch are nobody's`() {
        var tally = GenerationTally()
        #expect(tally.note(AnswerTally(answers: 100, [.padded: 10]), live: 1) == nil, "before the first sign of life")
        #expect(tally.note(AnswerTally(answers: 150, [.padded: 12]), live: 1) == AnswerTally(answers: 50, [.padded: 2]))
        #expect(tally.note(AnswerTally(answers: 150, [.padded: 12]), live: 1) == nil, "nothing new")
        #expect(tally.note(AnswerTally(answers: 180, [.padded: 20]), live: 2) == nil, "a switch in between")
        #expect(
            tally.note(AnswerTally(answers: 190, [.padded: 30]), live: 2) == AnswerTally(answers: 10, [.padded: 10]))
        #expect(tally.note(AnswerTally(answers: 195, [.padded: 30]), live: 1) == nil, "back again")
        #expect(tally.note(AnswerTally(answers: 200, [.padded: 31]), live: 1) == AnswerTally(answers: 55, [.padded: 3]))
    }
}
