import { describe, expect, it } from 'vitest'
import { unavailable } from '../../../src/sandbox/start.ts'

describe('a machine without MySQL', () => {
  it('is told every way that was tried, and what to install', () => {
    const [fault] = unavailable(null).faults
    expect(fault?.why).toMatch(/^No Docker engine .*; there is no mysqld .*; this is no Debian .*\.$/)
    expect(fault?.next).toContain('Install MySQL 8 or later')
  })

  it('is told of the one way that was asked for', () => {
    expect(unavailable('installed').faults[0]?.why).toBe('There is no mysqld of version 8 or later on PATH.')
  })
})
