import { setTimeout } from 'node:timers/promises'
import { defineCommand } from '../../command/define-command.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import type { Holder } from '../../core/holder.ts'
import { readLockStatus, readLocks } from '../../databases/read-locks.ts'
import type { Administration } from '../ports.ts'
import { answerLocks } from './lock-status.ts'

/** `wwdb lock release`: ends the connection that holds a lock, after the database's name was typed. */
export const command = defineCommand({
  name: 'lock release',
  group: 'Migrations',
  summary: 'end the connection that holds a lock',
  purpose:
    'Ends the connection that holds the lock, and those of the workers of a fan-out, which also ends the statements ' +
    'that they run. Rarely needed: the lock is released when its connection ends, and the next run waits for a ' +
    'statement left behind by a dead run. Asks for the name of the database.',
  examples: [
    { command: 'wwdb lock release -t user_db', purpose: 'look, confirm, end it' },
    { command: 'wwdb lock release -t user_db --confirm user_db', purpose: 'without a terminal' },
  ],
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  vtgate: true,
  async run(_options, context) {
    const reading = await readLocks(context, async (administration, database) => {
      const { schema, name } = database
      const end = async (holder: Holder, lock: string): Promise<void> => {
        await context.confirm({ what: describe(holder, lock), level: 'severe', name })
        await administration.killHolder(holder.connectionId)
      }
      const holder = await administration.readLock()
      if (holder !== null) {
        await end(holder, `the lock of ${schema}`)
        await waitForRelease(administration, holder.connectionId)
      }
      // Without the run that led them they write nothing more; statements that the server still executes for them
      // continue.
      for (const one of await administration.readWorkerLocks())
        await end(one, `the lock of worker ${one.worker} of a fan-out in ${schema}`)
      const turn = await administration.vschemaTurn?.read()
      if (turn !== undefined && turn !== null) {
        const what = describe(turn, 'the lease under which VSchemas of all keyspaces are changed')
        await context.confirm({ what, level: 'severe', name })
        await administration.vschemaTurn?.end()
      }
      return readLockStatus(administration, database)
    })
    return answerLocks(reading)
  },
})

/** A server answers KILL before the connection has ended and released its locks. A rollback may take longer than this waits: then the lock is shown as held. */
const longestWait = 5000
const pause = 50

async function waitForRelease({ readLock }: Pick<Administration, 'readLock'>, connectionId: number): Promise<void> {
  for (let waited = 0; waited < longestWait; waited += pause) {
    if ((await readLock())?.connectionId !== connectionId) return
    await setTimeout(pause)
  }
}

function describe(holder: Holder, lock: string): string {
  if (holder.lease !== undefined) return describeLease(holder, lock, holder.lease.isDead)
  const doing =
    holder.statement === null
      ? ''
      : `, which runs \`${holder.statement.replace(/\s+/g, ' ').slice(0, 80)}\`${holder.seconds === null ? '' : ` for ${holder.seconds} s`}`
  const whose = holder.orphaned ? 'Its run is dead.' : 'Its run may still be alive.'
  return `This kills connection ${holder.connectionId} of ${holder.user ?? 'an unknown user'}${doing}; its statement is rolled back. It holds ${lock}. ${whose}`
}

function describeLease({ user, seconds }: Holder, lock: string, isDead: boolean): string {
  const held = seconds === null ? '' : ` for ${seconds} s`
  const whose = isDead
    ? 'Its process has ended.'
    : 'Its run may still be alive: it ends at its next write to the journal.'
  return `This takes the lease from ${user ?? 'an unknown user'}, who has held it${held}. It is ${lock}. ${whose} No connection is ended: a definition that was given to Vitess goes on, and the next run waits for it.`
}
