import { openVerification } from './imi-sdk.js';

const [title, video, text, button] = document.body.children;
const methods = { new: 'start', consent: 'agree', camera_help: 'again', try_again: 'again', paused: 'resume' };
const show = ({ state, phrase, consent }) => {
  title.textContent = phrase.replace(/_/g, ' ');
  text.textContent = state === 'consent' ? consent.text : '';
  button.hidden = !(state in methods);
  button.onclick = () => verification[methods[state]](consent?.claims.filter((c) => c.required).map((c) => c.name));
};
const verification = await openVerification({ link: location.href, video, onChange: show });
show(verification.view);
