import "./tokens.css";
import "./house.css";
import "./forms.css";

import { createApp } from "vue";

import App from "./App.vue";
import { followAddress } from "./lib/address";
import { language, speak } from "./lib/words";

speak(language.value);
followAddress();
createApp(App).mount("#app");
