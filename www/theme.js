// The choice of a theme, kept, and applied before anything is drawn. Nothing else is kept.

const KEY = "theme";

function keptTheme() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

function applyTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

applyTheme(keptTheme());

addEventListener("DOMContentLoaded", () => {
  const choice = document.getElementById("theme");
  choice.value = document.documentElement.dataset.theme ?? "";
  choice.addEventListener("change", () => {
    applyTheme(choice.value);
    try {
      localStorage.setItem(KEY, choice.value);
    } catch {
      // A browser that keeps nothing shows the theme until the page is left.
    }
  });
});
