// Light, dark, or as the system is.
import { byId } from './dom.ts';

const themes = ['auto', 'light', 'dark'] as const;

/** @param changed is called when the colours are others */
export function installTheme(changed: () => void): void {
  const button = byId('theme');
  let theme = themes.find((name) => name === localStorage.getItem('theme')) ?? 'auto';
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    document.documentElement.classList.toggle('dark', theme === 'dark' || (theme === 'auto' && system.matches));
    button.textContent = { auto: '◐ Auto', light: '○ Light', dark: '● Dark' }[theme];
    button.title = `Colours: ${theme === 'auto' ? 'as the system' : theme}`;
    changed();
  };
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
    localStorage.setItem('theme', theme);
    apply();
  });
  system.addEventListener('change', apply);
  apply();
}
