/** Settings that the server gives an index itself, or that belong to what happens to it. */
const ofTheServer = [
  'index.blocks.',
  'index.creation_date',
  'index.hidden',
  'index.history.',
  'index.lifecycle.',
  'index.provided_name',
  'index.resize.',
  'index.routing.allocation.include._tier_preference',
  'index.routing.allocation.initial_recovery.',
  'index.uuid',
  'index.verified_before_close',
  'index.version.',
] as const

/** True for a setting that the server gives an index itself, or that belongs to what happens to it. */
export function isOfServer(key: string): boolean {
  return ofTheServer.some((own) => key === own || (own.endsWith('.') && key.startsWith(own)))
}
