import { resolve } from 'node:path'
import { parseDuration } from '../core/duration.ts'
import type { HeaderOverride, RotationConfig } from './config.ts'
import { pick, type Setting } from './layer.ts'
import { type Reading, readSetting } from './server.ts'
import { defaultSettings } from './settings.ts'

/** Resolves what the configuration says of rotation. The templates' headers in it are read with the templates. */
export function resolveRotation(reading: Reading, root: string): RotationConfig {
  const read = (name: string): string | null => readSetting(reading, pick(reading.layers, `rotation.${name}`), false)
  const archive = pick(reading.layers, 'rotation.archive')
  const folder = readSetting(reading, archive, false)
  const delay = parseDuration(read('alertDelay') ?? '')
  return {
    schedule: read('schedule'),
    zone: read('zone') ?? 'UTC',
    alertDelay: delay.type === 'duration' ? delay.milliseconds : 0,
    archive: folder === null ? null : resolve(archive?.origin.folder ?? root, folder),
    connections: Number(read('connections') ?? defaultSettings([]).get('rotation.connections')),
    overrides: readOverrides(reading),
  }
}

const overridePath = /^rotation\.families\.(\w+)\.(\w+)$/

/** One for each header that any layer replaces, from the strongest layer that does. */
function readOverrides(reading: Reading): readonly HeaderOverride[] {
  const paths = new Set(reading.layers.flatMap((layer) => [...layer.keys()].filter((path) => overridePath.test(path))))
  return [...paths].flatMap((path) => {
    const [, family = '', header = ''] = overridePath.exec(path) ?? []
    const setting = pick(reading.layers, path)
    const text = readSetting(reading, setting, false)
    return setting === null || text === null ? [] : [{ family, header, text, ...placeOf(setting) }]
  })
}

function placeOf({ origin, path }: Setting): Pick<HeaderOverride, 'name' | 'where' | 'excerpt'> {
  return { name: origin.name(path), ...origin.locate(path) }
}
