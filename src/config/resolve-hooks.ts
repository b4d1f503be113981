import { parseDuration } from '../core/duration.ts'
import type { HookConfig, Hooks, HooksConfig } from './hooks.ts'
import type { Layer, Setting } from './layer.ts'

const defaultTimeout = '30s'

/** The strongest layer that names a hook replaces it as a whole: an environment's hook replaces the file's. */
export function resolveHooks(layers: readonly Layer[], read: (setting: Setting) => string | null): HooksConfig {
  const one = (name: string): HookConfig | null => {
    const layer = layers.find((candidate) => candidate.has(name))
    const value = layer?.get(name)?.value ?? null
    if (layer === undefined || value === null || value === false) return null
    return readHook(name, layer, read)
  }
  const all = (moment: string): Hooks => ({
    run: one(`hooks.${moment}.run`),
    migration: one(`hooks.${moment}.migration`),
    rotation: one(`hooks.${moment}.rotation`),
  })
  return { before: all('before'), after: all('after') }
}

function readHook(name: string, layer: Layer, read: (setting: Setting) => string | null): HookConfig {
  const text = (path: string): string | null => {
    const setting = layer.get(path)
    return setting === undefined ? null : read(setting)
  }
  const list = (path: string): readonly string[] => {
    const items: string[] = []
    for (let at = 0; layer.has(`${path}[${at}]`); at += 1) items.push(text(`${path}[${at}]`) ?? '')
    return items
  }
  const place = layer.has(`${name}.command`) ? `${name}.command` : name
  const given = list(place)
  const timeout = parseDuration(text(`${name}.timeout`) ?? defaultTimeout)
  return {
    name,
    command: given.length > 0 ? given : (text(place) ?? ''),
    timeout: timeout.type === 'duration' ? timeout.milliseconds : 0,
    environment: list(`${name}.environment`),
  }
}
