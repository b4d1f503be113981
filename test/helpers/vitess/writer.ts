import { createConnection, type ResultSetHeader } from 'mysql2/promise'
import { afterEach } from 'vitest'

/** An application that goes on beside a run: it inserts one row after another into `letters`, and goes on where it is refused. */
interface Writer {
  /** Ends it, and returns the ids that it was told to be there. */
  readonly end: () => Promise<readonly number[]>
}

/** Starts writers, and ends after each test those that it has left. */
export function withWriters(): (uri: string) => Writer {
  const writers: Writer[] = []
  afterEach(async () => {
    await Promise.all(writers.splice(0).map((writer) => writer.end()))
  })
  return (uri) => {
    const writer = startWriter(uri)
    writers.push(writer)
    return writer
  }
}

function startWriter(uri: string): Writer {
  const told: number[] = []
  let ended = false
  const write = async (): Promise<void> => {
    let connection = await createConnection({ uri })
    for (let id = 1000; !ended; id += 1) {
      try {
        const [answer] = await connection.query<ResultSetHeader>(`INSERT INTO letters (id, name) VALUES (${id}, 'b')`)
        if (answer.affectedRows === 1) told.push(id)
      } catch {
        connection.destroy()
        connection = await createConnection({ uri })
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await connection.end()
  }
  const writing = write()
  return {
    end: async () => {
      ended = true
      await writing
      return told
    },
  }
}
