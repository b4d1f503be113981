import { defineCommand } from '../../command/define-command.ts'
import { language as languageFlag } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { Language } from '../../core/language.ts'
import { commandHelp } from '../help/command-help.ts'
import { defaultHelpWidth } from '../help/layout.ts'
import { familyHelp, globalFlagsHelp, programHelp } from '../help/program-help.ts'
import { topicHelp, topicList } from '../help/topic-help.ts'
import { topics } from '../help/topics.ts'
import { families, findCommand } from '../registry.ts'
import { unknownHelp } from '../usage-error.ts'

/** The same text as --help, as an answer. Throws ToolError `USAGE` for a command that does not exist. */
export const command = defineCommand({
  name: 'help',
  group: 'About wwdb',
  summary: 'show help for wwdb, a command or a concept',
  purpose:
    'Prints the same as `--help`; `wwdb help flags` explains the flags that every command takes, and the exit codes. ' +
    'A topic, such as `hazards`, shows a part of its documentation page; `wwdb help topics` lists the topics.',
  examples: [
    { command: 'wwdb help', purpose: 'the list of commands' },
    { command: 'wwdb help db create', purpose: 'one command' },
    { command: 'wwdb help flags', purpose: 'the flags of every command' },
    { command: 'wwdb help hazards', purpose: 'a concept' },
    { command: 'wwdb help hazards --language zh', purpose: 'the same in Chinese' },
  ],
  arguments: {
    command: {
      description: 'a command of one or two words, a topic, `flags` or `topics`',
      required: false,
      variadic: true,
    },
  },
  flags: {
    Language: {
      language: { ...languageFlag, description: 'language of topics', otherwise: 'en' },
    },
  },
  exitCodes: exitCodesOf.tool,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run({ command, language }) {
    return {
      result: { kind: 'document', format: 'text', content: helpOf(command.join(' '), language ?? 'en') },
      exitCode: exitCodes.done,
    }
  },
})

function helpOf(name: string, language: Language): string {
  if (name === 'flags') return globalFlagsHelp(defaultHelpWidth)
  if (name === 'topics') return topicList(defaultHelpWidth, language)
  if (name === '') return programHelp(defaultHelpWidth)
  const entry = findCommand(name)
  const topic = topics.find((one) => one.name === name)
  const texts = [
    ...(entry === undefined ? [] : [commandHelp(entry, defaultHelpWidth)]),
    ...(entry === undefined && Object.hasOwn(families, name) ? [familyHelp(name, defaultHelpWidth)] : []),
    ...(topic === undefined ? [] : [topicHelp(topic, defaultHelpWidth, language)]),
  ]
  if (texts.length === 0) throw unknownHelp(name)
  return texts.join('\n')
}
