import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { countOf } from '../core/plural.ts'
import { ToolError } from '../core/tool-error.ts'
import { BlockerKiller } from './kill-blockers.ts'

/** Asks whether sessions of others may be killed in this run. Throws where the configuration declares no users, or the answer is no. */
export async function allowKilling(
  { confirm, emit }: Pick<Context, 'confirm' | 'emit'>,
  { guard, protected: isProtected }: Config,
): Promise<BlockerKiller> {
  const { kill, transaction } = guard
  if (kill === null || transaction === null) {
    const [what, next] =
      kill === null
        ? ['`guard.kill.users` names no user.', 'Add `"guard": {"kill": {"users": ["app"]}}` to the configuration.']
        : [
            '`guard.transaction` is `none`, so that nobody looks for old transactions.',
            'Give it an age, such as `10s`.',
          ]
    throw new ToolError('USAGE', { what: `\`--kill-blockers\` can kill no session: ${what}`, next })
  }
  const users = kill.users.map((user) => `\`${user}\``).join(', ')
  await confirm({
    what: `This kills up to ${countOf(kill.most, 'session')} of ${users} that keep definitions waiting, none whose transaction has changed more than ${countOf(kill.rows, 'row')}.`,
    level: isProtected ? 'severe' : 'moderate',
    name: 'kill-blockers',
  })
  return new BlockerKiller(kill, emit)
}
