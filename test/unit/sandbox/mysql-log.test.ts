import { describe, expect, it } from 'vitest'
import { summarizeErrors } from '../../../src/sandbox/mysql-server.ts'

describe('the log of mysqld', () => {
  it('is summarized to its errors, each once', () => {
    const log = [
      '2026-01-01T00:00:00.1Z 0 [System] [MY-010116] [Server] starting as process 7',
      '2026-01-01T00:00:00.2Z 0 [ERROR] [MY-010262] [Server] Can’t start server: Bind on TCP/IP port: Address already in use',
      '2026-01-01T00:00:00.2Z 0 [ERROR] [MY-010257] [Server] Do you already have another mysqld server running on port: 36000 ?',
      '2026-01-01T00:00:00.3Z 0 [ERROR] [MY-010257] [Server] Do you already have another mysqld server running on port: 36000 ?',
      '2026-01-01T00:00:00.4Z 0 [ERROR] [MY-010119] [Server] Aborting',
    ].join('\n')
    expect(summarizeErrors(log)).toBe(
      'Can’t start server: Bind on TCP/IP port: Address already in use Do you already have another mysqld server running on port: 36000 ?',
    )
  })

  it('is summarized to its last lines when none is marked as an error', () => {
    expect(summarizeErrors('one\ntwo\n\nthree\nfour\n')).toBe('two three four')
  })
})
