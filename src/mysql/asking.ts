import type { Answer, Connection, TimedAnswer } from './connection.ts'

type AskInTurn = Connection['askInTurn']

/** A connection that is asked several questions at once, whatever its server makes of a packet. */
export interface Asking {
  readonly ask: Connection['ask']
  /** Asks in turn, in one packet where the server takes one; ends with the first error. */
  readonly askEach: (
    questions: readonly string[],
    onAnswer?: (answer: Answer, index: number) => void,
  ) => ReturnType<AskInTurn>
}

/** Where a schema is read. */
export interface SchemaPlace extends Asking {
  /** True where the schema is the session's, and no other one can be: on a shard of a keyspace. */
  readonly isFixed?: true
}

export const inPackets = ({ ask, askInTurn }: Pick<Connection, 'ask' | 'askInTurn'>): Asking => ({
  ask,
  askEach: (questions, onAnswer) => askInTurn(questions.join(';'), onAnswer),
})

/** For vtgate: what it does with several statements in a packet differs between versions. */
export const oneByOne = ({ ask }: Pick<Connection, 'ask'>): Asking => ({
  ask,
  askEach: async (questions, onAnswer) => {
    const answers: TimedAnswer[] = []
    for (const [index, question] of questions.entries()) {
      try {
        const answer = await ask(question)
        answers.push({ ...answer, at: performance.now() })
        onAnswer?.(answer, index)
      } catch (error) {
        return { answers, error }
      }
    }
    return { answers, error: null }
  },
})
