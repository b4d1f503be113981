import { describe, expect, it } from 'vitest'
import { clientCommand, sandboxEnvironment, sandboxUrl } from '../../../src/sandbox/environment.ts'
import type { SandboxState } from '../../../src/sandbox/folder.ts'

const local: SandboxState = {
  provider: 'portable',
  host: '127.0.0.1',
  port: 13306,
  socket: '/srv/a b/mysql.sock',
  version: '9.7.4',
  password: 's3cr3t',
  bin: "/home/o'neill/bin",
  pid: 7,
  container: null,
}

describe('the environment of a sandbox', () => {
  it('is quoted for a shell, also with special characters in a path', () => {
    expect(sandboxEnvironment(local, '/srv/a b')).toBe(
      [
        "export WWDB_URL='mysql://root@127.0.0.1:13306'",
        "export MYSQL_HOST='127.0.0.1'",
        "export MYSQL_TCP_PORT='13306'",
        "export WWDB_PASSWORD_FILE='/srv/a b/mysql.password'",
        "export MYSQL_UNIX_PORT='/srv/a b/mysql.sock'",
        `export PATH='/srv/a b/wwdb-client':'/home/o'\\''neill/bin':"$PATH"`,
        '',
      ].join('\n'),
    )
  })

  it('repeats a given URL, unless it holds a password', () => {
    const given: SandboxState = { ...local, provider: 'url', socket: null, password: null, bin: null, pid: null }
    expect(sandboxEnvironment(given, '/srv/a b', 'mysql://me@db:3306')).toContain(
      "export WWDB_URL='mysql://me@db:3306'",
    )
    const hidden = sandboxEnvironment(given, '/srv/a b', 'mysql://me:s3cret@db:3306')
    expect(hidden).not.toContain('s3cret')
    expect(hidden).not.toContain('export WWDB_URL')
  })

  it('names an IPv6 host in brackets', () => {
    expect(sandboxUrl({ ...local, host: '::1' })).toBe('mysql://root@[::1]:13306')
  })

  it('shows no password where a person copies a command', () => {
    expect(clientCommand({ ...local, bin: '/opt/mysql/bin' }, '/srv/sandbox')).toBe(
      '/opt/mysql/bin/mysql --defaults-extra-file=/srv/sandbox/client.cnf',
    )
    expect(clientCommand(local, '/srv/a b')).toMatch(/^'.*'\/?.* --defaults-extra-file='\/srv\/a b\/client\.cnf'$/)
    expect(clientCommand({ ...local, bin: null, container: '0123456789abcdef' }, '/srv')).toBe(
      "docker exec -it 0123456789ab sh -c 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql'",
    )
  })
})
