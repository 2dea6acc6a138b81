/** The SDK: what an integrator's page imports. */
import type { MissingFeatures, Options, Verification } from './types';

export type * from './types';

export function missingFeatures(): MissingFeatures {
  return [];
}

export async function openVerification(_options: Options): Promise<Verification> {
  throw new Error('not written yet');
}
