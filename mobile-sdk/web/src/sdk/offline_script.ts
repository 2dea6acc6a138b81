/**
 * What to ask for while the server cannot guide: each action of the challenge in turn, slowly.
 * What was not seen well is asked for again when the server is back.
 */
import { Phrase } from './codes';

const FIRST_MS = 4000;
const ACTION_MS = 5000;
const BACK_MS = 2000;

/** By enum ChallengeAction; following an oval needs the server. */
const PHRASES: Readonly<Record<number, number>> = {
  1: Phrase.MOVE_CLOSER, 2: Phrase.TURN_LEFT, 3: Phrase.TURN_RIGHT, 4: Phrase.OPEN_MOUTH,
  5: Phrase.BLINK, 7: Phrase.NOD,
};

/** What to tell so long after the network went; undefined when all was asked for. */
export function offlinePhrase(actions: readonly number[], elapsedMs: number): number | undefined {
  const since = elapsedMs - FIRST_MS;
  if (since < 0) return Phrase.NONE;
  const step = Math.floor(since / (ACTION_MS + BACK_MS));
  if (step >= actions.length) return undefined;
  return since % (ACTION_MS + BACK_MS) < ACTION_MS
    ? PHRASES[actions[step]!] ?? Phrase.LOOK_STRAIGHT : Phrase.BACK_TO_CENTRE;
}
