import { give, giveParts } from '../../../src/cli/driver-parts.ts'
import type { GivePart } from '../../../src/core/port.ts'
import { migrationHooks } from '../../../src/migrations/ports.ts'
import type { Door, ProcessIdentity } from '../../../src/mysql/door.ts'
import { createDoor } from '../../../src/mysql/open.ts'
import { rotationHooks } from '../../../src/shards/rotation-hooks.ts'

/** The way to test servers of a process that records no run and announces nothing. */
export function testDoor(changes: Partial<ProcessIdentity> = {}): Door {
  const runner = { name: 'test@host', process: 'host:1', toolVersion: '0.0.0' }
  return createDoor({ process: { runner, isAlive: () => true, ...changes }, announce: () => undefined, record: null })
}

/** The parts of the driver through that door, without hooks. */
export function testParts(changes: Partial<ProcessIdentity> = {}): GivePart {
  const given = [give(migrationHooks, async () => null), give(rotationHooks, async () => null)]
  return giveParts(async () => testDoor(changes), { given })
}
