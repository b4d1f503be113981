import type { Answer, Connection, TimedAnswer } from './connection.ts'

type AskInTurn = Connection['askInTurn']

/** Where a schema is read. */
export interface SchemaPlace {
  readonly ask: Connection['ask']
  /** Asks several questions, in one packet where the server takes one. */
  readonly askEach: (
    questions: readonly string[],
    onAnswer?: (answer: Answer, index: number) => void,
  ) => ReturnType<AskInTurn>
  /** True where the schema is the session's, and no other one can be: on a shard of a keyspace. */
  readonly isFixed?: true
}

export const onServer = ({ ask, askInTurn }: Pick<Connection, 'ask' | 'askInTurn'>): SchemaPlace => ({
  ask,
  askEach: (questions, onAnswer) => askInTurn(questions.join(';'), onAnswer),
})

/** A session that is at one shard: what vtgate does with several statements in a packet differs between versions. */
export const onShard = ({ ask }: Pick<Connection, 'ask'>): SchemaPlace => ({
  ask,
  isFixed: true,
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
