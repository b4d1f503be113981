import { describe } from 'vitest'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { describeKillPoints } from './support/kill-points.ts'

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => describeKillPoints(version))
