import type { Connection, Row } from '../connection.ts'

/** Asks one question and takes its rows as they come, so that no more than a packet's worth of them is in memory. */
export function streamRows(connection: Connection, text: string, take: (row: Row) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = connection.raw.query({ sql: text, rowsAsArray: true })
    query.on('result', (row: unknown) => {
      if (Array.isArray(row)) take(row)
    })
    query.on('error', reject)
    query.on('end', () => resolve())
  })
}
