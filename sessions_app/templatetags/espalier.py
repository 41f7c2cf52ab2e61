"""Template tags of Espalier."""

from django import template

register = template.Library()
