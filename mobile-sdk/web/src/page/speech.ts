/** The browser's own voice: for texts without a recording, where the phone has a voice for them. */

function voiceFor(language: string): SpeechSynthesisVoice | undefined {
  const wanted = language.toLowerCase();
  const voices = speechSynthesis.getVoices();
  const tag = (voice: SpeechSynthesisVoice): string => voice.lang.replace('_', '-').toLowerCase();
  return voices.find((voice) => tag(voice) === wanted)
    ?? voices.find((voice) => tag(voice).split('-')[0] === wanted.split('-')[0]);
}

export const canSpeak = (): boolean => 'speechSynthesis' in window;

/** Speaks, instead of what was being spoken; onEnd also when it is cut off or fails. */
export function speak(text: string, language: string, onEnd: () => void = () => undefined): void {
  if (!canSpeak()) return onEnd();
  hush();
  const utterance = new SpeechSynthesisUtterance(text);
  const voice = voiceFor(language);
  if (voice) utterance.voice = voice;
  utterance.lang = language;
  utterance.rate = 0.9;
  utterance.onend = onEnd;
  utterance.onerror = onEnd;
  speechSynthesis.speak(utterance);
}

export function hush(): void {
  if (canSpeak()) speechSynthesis.cancel();
}
