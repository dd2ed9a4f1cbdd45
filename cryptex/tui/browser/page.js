"use strict";

// Keys belong to the terminal from the beginning, without a click into it first.
window.addEventListener("DOMContentLoaded", () => {
  const whenLoaded = new MutationObserver(() => {
    if (document.body.classList.contains("-first-byte")) {
      whenLoaded.disconnect();
      document.querySelector(".xterm-helper-textarea").focus();
    }
  });
  whenLoaded.observe(document.body, { attributes: true, attributeFilter: ["class"] });
});
