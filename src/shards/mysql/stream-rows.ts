import { type Connection, hearLoss, type Row } from '../../mysql/connection.ts'

/**
 * Asks one question and takes its rows as they come, so that no more than a packet's worth of them is in memory. A promise
 * that `take` returns is waited for before the next row: mysql2 stops reading meanwhile, and TCP holds the server back.
 */
export function streamRows(connection: Connection, text: string, take: (row: Row) => unknown): Promise<void> {
  const { raw } = connection
  return new Promise<void>((resolve, reject) => {
    let failed = false
    const fail = (error: unknown): void => {
      failed = true
      deafen()
      reject(error)
    }
    const deafen = hearLoss(raw, fail)
    const reading = raw.query({ sql: text, rowsAsArray: true })
    reading.on('result', (row: unknown) => {
      if (failed || !Array.isArray(row)) return
      try {
        const taken = take(row)
        if (!(taken instanceof Promise)) return
        raw.pause()
        taken.then(() => raw.resume(), fail)
      } catch (error) {
        fail(error)
      }
    })
    reading.on('error', fail)
    reading.on('end', () => {
      deafen()
      resolve()
    })
  })
}
