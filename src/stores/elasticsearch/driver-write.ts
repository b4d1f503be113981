import * as z from 'zod/mini'
import { assertNever } from '../../core/tool-error.ts'
import { observeAlias, observeStream } from './driver-observe.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import type { ServerWrite } from './ports.ts'

/** Sends one change. What another run has done already is left as it is. */
export async function write(requests: Requests, change: ServerWrite): Promise<void> {
  const { send } = requests
  switch (change.type) {
    case 'put-policy':
      await send(`put lifecycle policy ${change.name}`, 'PUT', pathOf('_ilm', 'policy', change.name), {
        body: { policy: change.body },
      })
      return
    case 'put-component':
      await send(`put component template ${change.name}`, 'PUT', pathOf('_component_template', change.name), {
        body: change.body,
      })
      return
    case 'put-template':
      await send(`put index template ${change.name}`, 'PUT', pathOf('_index_template', change.name), {
        body: change.body,
      })
      return
    case 'create-stream':
      if ((await observeStream(requests, change.name)) !== null) return
      await send(`create data stream ${change.name}`, 'PUT', pathOf('_data_stream', change.name))
      return
    case 'create-index':
      if ((await observeAlias(requests, change.alias)) !== null) return
      await send(`create index ${change.name}`, 'PUT', pathOf(change.name), {
        body: { aliases: { [change.alias]: { is_write_index: true } } },
      })
      return
    case 'point-alias':
      await send(`let alias ${change.alias} write to ${change.index}`, 'POST', '/_aliases', {
        body: { actions: [{ add: { index: change.index, alias: change.alias, is_write_index: true } }] },
      })
      return
    case 'put-mapping':
      await send(`change the mappings of ${change.index}`, 'PUT', pathOf(change.index, '_mapping'), {
        body: change.body,
      })
      return
    case 'put-settings':
      return changeSettings(requests, change)
    case 'roll-over':
      return rollOver(requests, change)
    default:
      return assertNever(change)
  }
}

async function changeSettings(
  requests: Requests,
  change: Extract<ServerWrite, { readonly type: 'put-settings' }>,
): Promise<void> {
  const { index } = change
  // An index that goes from one policy to another would be in a phase that the other may not have.
  if (change.changesPolicy && (await hasLifecycles(requests, index))) {
    await requests.send(`take ${index} out of its lifecycle policy`, 'POST', pathOf(index, '_ilm', 'remove'))
  }
  await requests.send(`change the settings of ${index}`, 'PUT', pathOf(index, '_settings'), { body: change.body })
}

async function hasLifecycles(requests: Requests, index: string): Promise<boolean> {
  return (await requests.find(`read the lifecycle of ${index}`, pathOf(index, '_ilm', 'explain'))) !== null
}

const rolled = z.object({ rolled_over: z.boolean() })

/** The interface has no condition on the old index: it is read first. */
async function rollOver(
  requests: Requests,
  change: Extract<ServerWrite, { readonly type: 'roll-over' }>,
): Promise<void> {
  const now = (await observeStream(requests, change.name)) ?? (await observeAlias(requests, change.name))
  if (now?.writeIndex?.name !== change.from) return
  const answer = await requests.send(`roll over ${change.name}`, 'POST', pathOf(change.name, '_rollover'), {
    repeats: 0,
  })
  if (!z.parse(rolled, answer).rolled_over) throw new Error(`${change.name} was not rolled over`)
}
