import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseServerUrl, serverLabel } from '../../../src/config/server-url.ts'

const plain = { host: '127.0.0.1', port: 3306, socket: null, user: 'root', password: null, schema: null }

describe('parseServerUrl', () => {
  it.each([
    ['mysql://root@127.0.0.1:3306/app', { ...plain, schema: 'app' }],
    ['mysql://root@127.0.0.1', plain],
    ['mysql://root@127.0.0.1/', plain],
    ['MySQL://root@127.0.0.1/', plain],
    ['mysql://root:@127.0.0.1', { ...plain, password: '' }],
    ['mysql://root:a:b@127.0.0.1', { ...plain, password: 'a:b' }],
    ['mysql://root:p@ss@127.0.0.1', { ...plain, password: 'p@ss' }],
    [
      'mysql://us%40er:p%2F%25%3A@DB.Example.org:13306/%E5%BA%93',
      { ...plain, host: 'db.example.org', port: 13306, user: 'us@er', password: 'p/%:', schema: '库' },
    ],
    ['mysql://root@[::1]:33/x', { ...plain, host: '::1', port: 33, schema: 'x' }],
    ['mysql://root@[fe80::1]', { ...plain, host: 'fe80::1' }],
    [
      'mysql://u@localhost/db?socket=/run/mysqld/mysqld.sock',
      { ...plain, host: 'localhost', user: 'u', schema: 'db', socket: '/run/mysqld/mysqld.sock' },
    ],
    ['mysql://u@localhost?socket=%2Frun%2Fm.sock', { ...plain, host: 'localhost', user: 'u', socket: '/run/m.sock' }],
  ])('reads %s', (text, server) => {
    expect(parseServerUrl(text)).toEqual({ type: 'server', server })
  })

  it.each([
    ['', 'does not begin with `mysql://`'],
    ['localhost:3306', 'does not begin with `mysql://`'],
    ['mysql:/root@h', 'does not begin with `mysql://`'],
    ['root:geheim@db:3306/app', 'does not begin with `mysql://`'],
    ['postgres://root@h/', 'begins with "postgres:"'],
    ['mariadb://root@h/', 'begins with "mariadb:"'],
    ['jdbc:mysql://h/', 'begins with "jdbc:"'],
    ['mysql://h:3306/app', 'does not name a user'],
    ['mysql://:pw@h', 'does not name a user'],
    ['mysql://root@', 'does not name a host'],
    ['mysql://root@:3306', 'does not name a host'],
    ['mysql://root@a b', 'has a host that cannot be read'],
    ['mysql://root@::1', 'has a host that cannot be read'],
    ['mysql://root@[::1', 'has a host that cannot be read'],
    ['mysql://root@h:0', 'has a port that is not a number from 1 to 65535'],
    ['mysql://root@h:65536', 'has a port that is not a number from 1 to 65535'],
    ['mysql://root@h:', 'has a port that is not a number from 1 to 65535'],
    ['mysql://root@h/a/b', 'has a path of more than one part'],
    ['mysql://root:pa/ss@h/app', 'has a `/`, `?` or `#` before its `@`: a special character of the user or password'],
    ['mysql://root:pa?ss@h/app', 'has a `/`, `?` or `#` before its `@`: a special character of the user or password'],
    ['mysql://root:pa#ss@h/app', 'has a `/`, `?` or `#` before its `@`: a special character of the user or password'],
    [
      'mysql://root:@?secret=pa@h/app',
      'has a `/`, `?` or `#` before its `@`: a special character of the user or password',
    ],
    ['mysql://root@h/app#x', 'has a `#`'],
    ['mysql://root:50%@h', 'has a `%` that does not start a percent-encoded character'],
    ['mysql://root@h/a%00b', 'contains a NUL character'],
    ['mysql://root@h/app?ssl-mode=REQUIRED', 'has an unknown parameter `ssl-mode`'],
    ['mysql://root@h/app?timeout=5', 'has an unknown parameter `timeout`'],
    ['mysql://root@h/app?%20=5', 'has an unknown parameter'],
    ['mysql://root@h?socket=mysql.sock', 'has a `socket` that is not an absolute path'],
    ['mysql://root@h?socket=/a&socket=/b', 'names `socket` twice'],
  ])('refuses %j: %s', (text, why) => {
    const outcome = parseServerUrl(text)
    expect(outcome).toMatchObject({ type: 'fault', why })
    expect(outcome.type === 'fault' ? outcome.next : '').toMatch(/\.$|\)$/)
  })

  it('gives back what was encoded', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(word, word, word, fc.integer({ min: 1, max: 65535 }), (user, password, schema, port) => {
        const [u, p, s] = [user, password, schema].map(encodeURIComponent)
        const outcome = parseServerUrl(`mysql://${u}:${p}@db.example.org:${port}/${s}`)
        expect(outcome).toEqual({
          type: 'server',
          server: { host: 'db.example.org', port, socket: null, user, password, schema },
        })
      }),
    )
  })

  it('never repeats a password, however the URL is broken', () => {
    const junk = fc.string({ unit: fc.constantFrom('/', '?', '#', '%', '@', ':', '[', ']', ' ', '&', '=', 'a') })
    fc.assert(
      fc.property(junk, junk, junk, (before, between, after) => {
        const outcome = parseServerUrl(`mysql://root:${before}G7hJqX${between}zY3kLw@h${after}`)
        expect(JSON.stringify(outcome.type === 'fault' ? outcome : null)).not.toMatch(/G7hJqX|zY3kLw/i)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('serverLabel', () => {
  it.each([
    [{ host: 'db', port: 3306, socket: null }, 'db:3306'],
    [{ host: '::1', port: 3306, socket: null }, '[::1]:3306'],
    [{ host: 'localhost', port: 3306, socket: '/run/m.sock' }, '/run/m.sock'],
  ])('names %j', (server, label) => {
    expect(serverLabel(server)).toBe(label)
  })
})
