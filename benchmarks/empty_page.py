"""An empty Streamlit page."""

import streamlit as st

st.html('<p class="empty-page">empty</p>')
