import * as z from 'zod/mini'
import { assertNever } from '../../../core/tool-error.ts'
import type { Deed } from '../ports.ts'
import { observeAlias, observeStream } from './observe-series.ts'
import { pathOf, type Requests } from './requests.ts'

/** Does one thing. Whatever another run did already is left as it is. */
export async function perform(requests: Requests, deed: Deed): Promise<void> {
  const { send } = requests
  switch (deed.type) {
    case 'put-policy':
      await send(`put lifecycle policy ${deed.name}`, 'PUT', pathOf('_ilm', 'policy', deed.name), {
        body: { policy: deed.body },
      })
      return
    case 'put-component':
      await send(`put component template ${deed.name}`, 'PUT', pathOf('_component_template', deed.name), {
        body: deed.body,
      })
      return
    case 'put-template':
      await send(`put index template ${deed.name}`, 'PUT', pathOf('_index_template', deed.name), { body: deed.body })
      return
    case 'create-stream':
      if ((await observeStream(requests, deed.name)) !== null) return
      await send(`create data stream ${deed.name}`, 'PUT', pathOf('_data_stream', deed.name))
      return
    case 'create-index':
      if ((await observeAlias(requests, deed.alias)) !== null) return
      await send(`create index ${deed.name}`, 'PUT', pathOf(deed.name), {
        body: { aliases: { [deed.alias]: { is_write_index: true } } },
      })
      return
    case 'point-alias':
      await send(`let alias ${deed.alias} write to ${deed.index}`, 'POST', '/_aliases', {
        body: { actions: [{ add: { index: deed.index, alias: deed.alias, is_write_index: true } }] },
      })
      return
    case 'put-mapping':
      await send(`change the mappings of ${deed.index}`, 'PUT', pathOf(deed.index, '_mapping'), { body: deed.body })
      return
    case 'put-settings':
      return changeSettings(requests, deed)
    case 'roll-over':
      return rollOver(requests, deed)
    default:
      return assertNever(deed)
  }
}

async function changeSettings(
  requests: Requests,
  deed: Extract<Deed, { readonly type: 'put-settings' }>,
): Promise<void> {
  const { index } = deed
  // An index that goes from one policy to another would stand in a phase that the other may not have.
  if (deed.changesPolicy && (await hasLifecycles(requests, index))) {
    await requests.send(`take ${index} out of its lifecycle policy`, 'POST', pathOf(index, '_ilm', 'remove'))
  }
  await requests.send(`change the settings of ${index}`, 'PUT', pathOf(index, '_settings'), { body: deed.body })
}

async function hasLifecycles(requests: Requests, index: string): Promise<boolean> {
  return (await requests.find(`look at the lifecycle of ${index}`, pathOf(index, '_ilm', 'explain'))) !== null
}

const rolled = z.object({ rolled_over: z.boolean() })

/** With the old index named as a condition there would be no need to look; the interface has none. */
async function rollOver(requests: Requests, deed: Extract<Deed, { readonly type: 'roll-over' }>): Promise<void> {
  const now = (await observeStream(requests, deed.name)) ?? (await observeAlias(requests, deed.name))
  if (now?.writeIndex?.name !== deed.from) return
  const answer = await requests.send(`roll over ${deed.name}`, 'POST', pathOf(deed.name, '_rollover'), {
    repeats: 0,
  })
  if (!z.parse(rolled, answer).rolled_over) throw new Error(`${deed.name} was not rolled over`)
}
