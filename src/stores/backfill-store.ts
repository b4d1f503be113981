import type { Context } from '../command/context.ts'
import { ToolError } from '../core/tool-error.ts'
import type { BackfillOutcome, BackfillRequest } from './contract.ts'
import { chooseStores } from './open-stores.ts'

/** Runs a declared task over a range of the past, under the lock of its store; a dry run takes none. */
export async function backfillStore(context: Context, request: BackfillRequest): Promise<BackfillOutcome> {
  const [prepared] = await chooseStores(context, ['influxdb'])
  if (prepared === undefined) throw new Error('the store that was asked for is not there')
  const session = await prepared.open()
  const { backfill } = session
  if (backfill === undefined) throw new Error(`${prepared.store} has no tasks`)
  try {
    if (request.dryRun) return await backfill(request)
    context.emit({ type: 'run-started', command: 'setup backfill', targets: [] })
    if (!(await session.lock((await context.config()).timeouts.lock))) throw notSetUp(prepared.server)
    return await backfill(request)
  } finally {
    await session.close()
  }
}

function notSetUp(server: string): ToolError {
  return new ToolError('BACKFILL_REFUSED', {
    what: 'The store is not set up yet.',
    where: { server },
    next: 'Run `wwdb setup apply --only influxdb` first.',
  })
}
