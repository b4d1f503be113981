import { describe, expect, it } from 'vitest'
import { unavailable } from '../../../src/sandbox/start.ts'

describe('a machine without MySQL', () => {
  it('gets an error with every provider that was tried, and what to install', () => {
    const [fault] = unavailable(null).faults
    expect(fault?.why).toMatch(/^No Docker engine .*; there is no `mysqld` .*; this is not Debian .*\.$/)
    expect(fault?.next).toContain('Install MySQL 8 or later')
  })

  it('gets an error with the one provider that was asked for', () => {
    expect(unavailable('installed').faults[0]?.why).toBe('There is no `mysqld` of version 8 or later on PATH.')
  })
})
