import { describe, expect, it } from 'vitest'
import { isSupported, parseVersion } from '../../../src/sandbox/mysql-program.ts'

describe('the version of a server', () => {
  it.each([
    ['/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', '9.7.4', true],
    ['mysqld  Ver 8.0.12 for linux-glibc2.12 on x86_64 (MySQL Community Server - GPL)', '8.0.12', true],
    ['8.4.6', '8.4.6', true],
    ['mysqld  Ver 5.7.44 for Linux on x86_64 (MySQL Community Server (GPL))', '5.7.44', false],
    ['mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)', '10.11.6', false],
    ['5.5.5-10.6.12-MariaDB-log', '10.6.12', false],
  ])('is read from %s', (line, text, supported) => {
    const version = parseVersion(line)
    expect(version?.text).toBe(text)
    expect(isSupported(version)).toBe(supported)
  })

  it('is null where the text has none', () => {
    expect(parseVersion('mysqld: error while loading shared libraries')).toBeNull()
    expect(isSupported(null)).toBe(false)
  })
})
