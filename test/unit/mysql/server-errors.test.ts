import { describe, expect, test } from 'vitest'
import { classifyRunError } from '../../../src/migrations/mysql/translate-errors.ts'
import { isConnectionLost, isServerError } from '../../../src/mysql/server-errors.ts'

describe('what mysql2 throws', () => {
  test('a command on a connection that is closed already has no code, and still is a lost connection', () => {
    const error = Object.assign(new Error("Can't add new command when connection is in closed state"), { fatal: true })
    expect(isServerError(error)).toBe(true)
    expect(isConnectionLost(error)).toBe(true)
    expect(classifyRunError(error)).toEqual({ type: 'lost', why: error.message })
  })

  test('an error of the server is no lost connection unless it says that the session ends', () => {
    const refused = Object.assign(new Error('Duplicate entry'), { errno: 1062, code: 'ER_DUP_ENTRY', fatal: false })
    const shutdown = Object.assign(new Error('Shutdown'), { errno: 1053, code: 'ER_SERVER_SHUTDOWN', fatal: false })
    expect(isConnectionLost(refused)).toBe(false)
    expect(isConnectionLost(shutdown)).toBe(true)
  })

  test('anything else is not the server’s', () => {
    expect(isServerError(new Error('x'))).toBe(false)
    expect(isServerError(Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBe(false)
    expect(classifyRunError(new TypeError('x'))).toBe(null)
  })
})
