/* Says that files are too large before they travel. The server says it too. */
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-max-bytes]");
    if (!form) return;
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const note = form.querySelector("[data-upload-error]");
    const tooLarge = size > Number(form.dataset.maxBytes);
    note.hidden = !tooLarge;
    note.textContent = tooLarge ? form.dataset.tooLarge : "";
    if (tooLarge) event.preventDefault();
  });
})();
