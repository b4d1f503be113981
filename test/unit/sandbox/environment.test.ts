import { describe, expect, it } from 'vitest'
import { clientCommand, sandboxEnvironment, sandboxUrl } from '../../../src/sandbox/environment.ts'
import type { SandboxState } from '../../../src/sandbox/state.ts'

const local: SandboxState = {
  provider: 'portable',
  host: '127.0.0.1',
  port: 13306,
  socket: '/srv/a b/mysql.sock',
  version: '9.7.4',
  bin: "/home/o'neill/bin",
  pid: 7,
  container: null,
}

describe('the environment of a sandbox', () => {
  it('is quoted for a shell, whatever is in a path', () => {
    expect(sandboxEnvironment(local)).toBe(
      [
        "export WWDB_URL='mysql://root@127.0.0.1:13306'",
        "export MYSQL_HOST='127.0.0.1'",
        "export MYSQL_TCP_PORT='13306'",
        "export MYSQL_UNIX_PORT='/srv/a b/mysql.sock'",
        `export PATH='/home/o'\\''neill/bin':"$PATH"`,
        '',
      ].join('\n'),
    )
  })

  it('repeats a given URL, unless it holds a password', () => {
    const given: SandboxState = { ...local, provider: 'url', socket: null, bin: null, pid: null }
    expect(sandboxEnvironment(given, 'mysql://me@db:3306')).toContain("export WWDB_URL='mysql://me@db:3306'")
    const hidden = sandboxEnvironment(given, 'mysql://me:s3cret@db:3306')
    expect(hidden).not.toContain('s3cret')
    expect(hidden).not.toContain('export WWDB_URL')
  })

  it('names an IPv6 host in brackets', () => {
    expect(sandboxUrl({ ...local, host: '::1' })).toBe('mysql://root@[::1]:13306')
  })

  it('opens a client where there is one', () => {
    expect(clientCommand({ ...local, bin: '/opt/mysql/bin' })).toBe(
      '/opt/mysql/bin/mysql -h 127.0.0.1 -P 13306 -u root',
    )
    expect(clientCommand(local)).toMatch(/^'.*'\/?.* -h 127/)
    expect(clientCommand({ ...local, bin: null, container: '0123456789abcdef' })).toBe(
      'docker exec -it 0123456789ab mysql',
    )
  })
})
