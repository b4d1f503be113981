// The lint rules of direction, biome.rooms.json, made from the table of scripts/rooms.ts.
import { commands, exceptions, homes, rooms } from './rooms.ts'

/** How deep folders of src/ go below their room. */
const depths = [0, 1, 2, 3]

const processMessage = 'Only src/cli, src/testing and the sandboxes touch the process.'
const processRooms = [
  'src/cli/**',
  'src/testing/**',
  'src/sandbox/**',
  'src/stores/sandbox/**',
  'src/stores/*/sandbox*.ts',
]

/** A room is known by how many folders an import climbs: `../mysql/` is another thing in src/seeds than in src/seeds/files. */
function forbidding(includes: readonly string[], allowed: readonly string[], own: string, depth: number): object {
  const packages = Object.entries(homes).flatMap(([name, owners]) => (owners.includes(own) ? [] : [name]))
  const climb = '../'.repeat(depth + 1)
  const others = Object.keys(rooms).filter((room) => room !== own && !allowed.includes(room))
  const patterns = [
    ...(others.length === 0
      ? []
      : [
          {
            group: others.map((room) => `${climb}${room}/**`),
            message: `${own} may import ${allowed.join(', ') || 'nothing'} (scripts/rooms.ts).`,
          },
        ]),
    { group: packages, message: 'This package has one home (scripts/rooms.ts).' },
  ]
  return { includes, linter: { rules: { style: { noRestrictedImports: { level: 'error', options: { patterns } } } } } }
}

/** The text of biome.rooms.json. */
export function lintRules(): string {
  const overrides: object[] = [
    {
      includes: ['src/**', ...processRooms.map((folder) => `!${folder}`)],
      linter: {
        rules: {
          style: { noRestrictedGlobals: { level: 'error', options: { deniedGlobals: { process: processMessage } } } },
        },
      },
    },
  ]
  for (const [room, allowed] of Object.entries(rooms)) {
    const { files = [], may = [] } = exceptions[room] ?? {}
    for (const depth of depths) {
      const folder = `src/${room}/${'*/'.repeat(depth)}*.ts`
      const apart = [
        ...files.map((file) => `!src/${room}/${file}`),
        ...(depth === 1 ? [`!src/${room}/commands/*.ts`] : []),
      ]
      overrides.push(forbidding([folder, ...apart], allowed, room, depth))
      const own = files.filter((file) => file.split('/').length - 1 === depth).map((file) => `src/${room}/${file}`)
      if (own.length > 0) overrides.push(forbidding(own, [...allowed, ...may], room, depth))
    }
    if (room !== 'cli') overrides.push(forbidding([`src/${room}/commands/*.ts`], commands, room, 1))
  }
  return `${JSON.stringify({ $schema: './node_modules/@biomejs/biome/configuration_schema.json', overrides }, null, 2)}\n`
}
