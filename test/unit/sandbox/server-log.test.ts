import { describe, expect, it } from 'vitest'
import { summariseErrors } from '../../../src/sandbox/server-log.ts'

describe('a server’s log', () => {
  it('gives its errors as sentences, each once', () => {
    const log = [
      '2026-01-01T00:00:00.1Z 0 [System] [MY-010116] [Server] starting as process 7',
      '2026-01-01T00:00:00.2Z 0 [ERROR] [MY-010262] [Server] Can’t start server: Bind on TCP/IP port: Address already in use',
      '2026-01-01T00:00:00.2Z 0 [ERROR] [MY-010257] [Server] Do you already have another mysqld server running on port: 36000 ?',
      '2026-01-01T00:00:00.3Z 0 [ERROR] [MY-010257] [Server] Do you already have another mysqld server running on port: 36000 ?',
      '2026-01-01T00:00:00.4Z 0 [ERROR] [MY-010119] [Server] Aborting',
    ].join('\n')
    expect(summariseErrors(log)).toBe(
      'Can’t start server: Bind on TCP/IP port: Address already in use Do you already have another mysqld server running on port: 36000 ?',
    )
  })

  it('gives its last lines when it calls none an error', () => {
    expect(summariseErrors('one\ntwo\n\nthree\nfour\n')).toBe('two three four')
  })
})
