import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/config/secret.ts'
import { classifyRunError } from '../../../src/migrations/mysql/translate-errors.ts'
import { isConnectionLost, isServerError, translateConnectError } from '../../../src/mysql/errors.ts'
import { translateRunError } from '../../../src/mysql/refusals.ts'

describe('errors of mysql2', () => {
  test('the error for a command on a closed connection has no code, and is a lost connection', () => {
    const error = Object.assign(new Error("Can't add new command when connection is in closed state"), { fatal: true })
    expect(isServerError(error)).toBe(true)
    expect(isConnectionLost(error)).toBe(true)
    expect(classifyRunError(error)).toEqual({ type: 'lost', why: error.message })
  })

  test('an error of the server is not a lost connection unless it ends the session', () => {
    const refused = Object.assign(new Error('Duplicate entry'), { errno: 1062, code: 'ER_DUP_ENTRY', fatal: false })
    const shutdown = Object.assign(new Error('Shutdown'), { errno: 1053, code: 'ER_SERVER_SHUTDOWN', fatal: false })
    expect(isConnectionLost(refused)).toBe(false)
    expect(isConnectionLost(shutdown)).toBe(true)
  })

  test('other errors are not errors of the server', () => {
    expect(isServerError(new Error('x'))).toBe(false)
    expect(isServerError(Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBe(false)
    expect(classifyRunError(new TypeError('x'))).toBe(null)
  })
})

test('a login without a password at the port of the sandbox names how this shell gets one', () => {
  const error = Object.assign(new Error("Access denied for user 'root'@'localhost'"), { errno: 1045, fatal: true })
  const server = {
    host: '127.0.0.1',
    port: 13306,
    socket: null,
    user: 'root',
    password: null,
    encryption: 'preferred',
    tls: null,
    allowPublicKeyRetrieval: false,
    label: '127.0.0.1:13306',
  } as const
  const next = (more: object) => translateConnectError(error, { ...server, ...more }, null).faults[0]?.next
  expect(next({ isSandbox: true })).toMatch(/^If it is the sandbox, `eval "\$\(wwdb sandbox env\)"` gives this shell/)
  expect(next({})).not.toContain('sandbox')
  expect(next({ isSandbox: true, password: new Secret('wrong') })).not.toContain('sandbox')
})

describe('the advice for a refused statement of wwdb', () => {
  const translate = (errno: number, message = 'no') =>
    translateRunError(Object.assign(new Error(message), { errno, code: 'ER_X', fatal: false }), {
      database: 'app',
      schema: 'app',
      server: 'db:3306',
    })

  test.each([1044, 1045, 1142, 1143, 1227, 1370, 1410])('error %d is about privileges', (errno) => {
    expect(translate(errno)).toMatchObject({
      code: 'SERVER_REFUSED',
      faults: [{ next: expect.stringMatching(/privileges of the user/) }],
    })
  })

  test.each([
    [1021, /Free disk space/],
    [1114, /Free disk space/],
    [3019, /Free disk space/],
    [1040, /max_connections/],
    [1226, /MAX_USER_CONNECTIONS/],
    [1235, /platforms\.md/],
    [1146, /missing or was changed/],
    [1205, /Another session/],
    [3100, /group/],
    [4711, /error log/],
  ])('error %d is not', (errno, next) => {
    expect(translate(errno)).toMatchObject({ code: 'SERVER_REFUSED', faults: [{ next: expect.stringMatching(next) }] })
  })

  test.each([
    [1836, 'Running in read-only mode'],
    [1792, 'Cannot execute statement in a READ ONLY transaction.'],
    [1290, 'The MySQL server is running with the --super-read-only option'],
  ])('error %d, "%s", is READ_ONLY', (errno, message) => {
    expect(translate(errno, message)).toMatchObject({ code: 'READ_ONLY' })
  })

  test('another option that prevents a statement is not READ_ONLY', () => {
    expect(translate(1290, 'running with the --secure-file-priv option')).toMatchObject({ code: 'SERVER_REFUSED' })
  })
})
